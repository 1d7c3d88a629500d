// Icons as strokes on a 24 grid; they say nothing that a text beside them does not.

const PATHS = {
  sale: "M5 8h14l-1.2 11H6.200zM9 8V6a3 3 0 0 1 6 0v2M12 11.500v4M10 13.500h4",
  people:
    "M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM2.500 20c.5-3.800 3-6 6.500-6s6 2.200 6.500 6M16 4.500a3.500 3.500 0 0 1 0 6.500M18 14.500c2 .8 3.200 2.700 3.500 5.500",
  outbox: "M4 14v4a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-4M12 15V4M7.500 8.500 12 4l4.500 4.500",
  settings:
    "M4 7h9M17 7h3M4 17h3M11 17h9M15 9.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5zM9 19.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5z",
  back: "M15 5l-7 7 7 7",
  next: "M9 5l7 7-7 7",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  cross: "M6 6l12 12M18 6 6 18",
  find: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM20 20l-4-4",
  pen: "M5 19l1-4L16 5l3 3L9 18zM14 7l3 3",
  phone:
    "M6 4h3l1.500 4.500L8.500 10c1 2.300 3.200 4.500 5.500 5.500l1.500-2L20 15v3c0 1.200-1 2-2 2C10.500 19.500 4.500 13.500 4 6c0-1 .8-2 2-2z",
  mail: "M4 6h16v12H4zM4 7l8 6 8-6",
  queued: "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM12 8v4.500l3 1.500",
  sending: "M12 19V5M6.500 10.500 12 5l5.500 5.500",
  doubt: "M9 9.200a3 3 0 1 1 4.300 2.800c-.9.400-1.300 1-1.300 2M12 17.500v.1",
  accepted: "M5 12.500l4.500 4.500L19 7",
  refused: "M12 6v7M12 17v.1",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 24 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
