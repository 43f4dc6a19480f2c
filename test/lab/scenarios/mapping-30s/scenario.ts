// A NAT that forgets after 30 s.

import { mappingScenario } from '../mapping.ts';

export const scenario = mappingScenario(30, 20);
