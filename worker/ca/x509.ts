// The certificate library with what it needs to run: reflection first, the platform's WebCrypto.

import 'reflect-metadata';
import { cryptoProvider } from '@peculiar/x509';

cryptoProvider.set(crypto);

export * from '@peculiar/x509';
