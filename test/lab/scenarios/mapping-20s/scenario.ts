// A NAT that forgets after 20 s.

import { mappingScenario } from '../mapping.ts';

export const scenario = mappingScenario(20, 8);
