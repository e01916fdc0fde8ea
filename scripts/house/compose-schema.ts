// The part of the Compose Specification that docker-compose.yml uses, strictly: a misspelt key is an error.
import { z } from "zod";

const Text = z.string().min(1);
const HealthCheck = z.strictObject({
  test: z.tuple([z.enum(["CMD", "CMD-SHELL"])], Text),
  interval: Text,
  timeout: Text,
  retries: z.int().positive(),
  start_period: Text.optional(),
});

const Service = z.strictObject({
  image: Text,
  build: z.strictObject({ context: Text, target: Text }).optional(),
  profiles: z.array(Text).optional(),
  user: Text,
  command: z.array(Text).optional(),
  ports: z.array(Text).optional(),
  networks: z.array(Text),
  environment: z.record(Text, z.string()).optional(),
  secrets: z.array(z.union([Text, z.strictObject({ source: Text, target: Text })])).optional(),
  volumes: z.array(Text).optional(),
  tmpfs: z.array(Text),
  shm_size: Text.optional(),
  ulimits: z.strictObject({ nofile: z.strictObject({ soft: z.int(), hard: z.int() }) }).optional(),
  stop_grace_period: Text.optional(),
  healthcheck: HealthCheck,
  depends_on: z
    .record(Text, z.strictObject({ condition: z.literal("service_healthy") }))
    .optional(),
  restart: z.literal("unless-stopped"),
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal("ALL")]),
  security_opt: z.tuple([z.literal("no-new-privileges:true")]),
  logging: z.strictObject({ driver: Text, options: z.record(Text, z.string()) }),
});

export const Compose = z.strictObject({
  name: Text,
  "x-hardened": z.unknown(),
  services: z.record(Text, Service),
  networks: z.record(Text, z.strictObject({ internal: z.boolean().optional() })),
  volumes: z.record(Text, z.strictObject({})),
  secrets: z.record(Text, z.strictObject({ file: Text })),
});
export type Compose = z.infer<typeof Compose>;
