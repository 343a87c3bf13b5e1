/** What a school's firewall and mail filter have to let through, as the seed's installation guide lists it. */
import type { Allowance } from '../kit/contract.ts';

const mailDomains = [
  'edusign.fr',
  '*.edusign.fr',
  '*.*.edusign.fr',
  'edusign.app',
  '*.edusign.app',
  'edusign.com',
  '*.edusign.com',
  '*.*.edusign.com',
];

export const allow: readonly Allowance[] = [
  {
    kind: 'address',
    value: 'the public address of this Homeroom',
    why: 'In the firewall in front of Auriga and its Keycloak, for Homeroom to read. Those who run Homeroom know the address.',
  },
  {
    kind: 'address',
    value: '52.47.74.210',
    why: 'The connector of Edusign itself. It is needed there only as long as that one reads Auriga too.',
  },
  ...mailDomains.map((value) => ({
    kind: 'mailDomain' as const,
    value,
    why: 'In the mail filter, where the sessions go on to Edusign, so that its messages do not end as spam.',
  })),
];
