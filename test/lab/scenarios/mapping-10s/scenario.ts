// A NAT that forgets after 10 s.
// Requirements: rfc3948-2.3-ignore

import { mappingScenario } from '../mapping.ts';

export const scenario = { ...mappingScenario(10, 4), core: true as const };
