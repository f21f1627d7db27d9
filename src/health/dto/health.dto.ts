import { z } from 'zod';

export const livenessSchema = z.object({ status: z.literal('alive') });

const checkSchema = z.object({ name: z.string(), ok: z.boolean(), detail: z.string() });

export const readinessSchema = z.object({
  status: z.literal('ready'),
  checks: z.array(checkSchema).optional().meta({ description: 'With verbose.' }),
});

export type HealthCheck = z.infer<typeof checkSchema>;
