// A NAT that forgets after 10 s.

import { mappingScenario } from '../mapping.ts';

export const scenario = mappingScenario(10, 4);
