// A NAT that forgets after 20 s.
// Requirements: rfc7296-2.23-follow

import { mappingScenario } from '../mapping.ts';

export const scenario = mappingScenario(20, 8);
