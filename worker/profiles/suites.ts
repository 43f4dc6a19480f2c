// The suite that profiles ask for, in strongSwan's words: AES-256-GCM with ECP-384 for IKE and ESP.

export const IKE_PROPOSAL = 'aes256gcm16-prfsha384-ecp384';
export const ESP_PROPOSAL = 'aes256gcm16-ecp384';
