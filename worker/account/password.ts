// How long passwords are: longer ones cost more to try than they protect, shorter ones are guessed.

export const PASSWORD = { shortest: 10, longest: 128 } as const;
