/** Is the time known, and will it be known after a power cut? */
import { type Box, type Check, found, type Outcome, type Patient, right, skipped } from './check.js';

export const clock: Check = {
  title: { zh: '时钟', en: 'clock' },
  look: (patient, box) => [year(box), synchronised(patient, box), battery(patient, box)],
};

function year({ clocks, built }: Box): Outcome {
  const now = clocks.wall();
  return now < built ? found('clock-before-build', timeOf(now)) : right(timeOf(now));
}

function synchronised({ configuration }: Patient, { clocks }: Box): Outcome {
  const { source } = configuration.clock;
  if (source !== 'ntp') return skipped(`配置的时间来源是 ${source}，不看 NTP`, `the configured source is ${source}, not NTP`);
  if (!clocks.kernel) return skipped('这里读不到内核时钟状态', 'the state of the kernel’s clock cannot be read here');
  return clocks.kernel().synchronised ? right('NTP') : found('clock-not-synchronised', 'adjtimex: unsynchronised');
}

function battery({ configuration }: Patient, { clocks }: Box): Outcome {
  const said = clocks.rtc();
  if (said !== undefined) return right(`RTC ${timeOf(said)}`);
  return configuration.clock.rtc ? found('rtc-unreadable', 'rtc0') : found('rtc-absent', 'rtc0');
}

const timeOf = (instant: number): string => new Date(instant).toISOString();
