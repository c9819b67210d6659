/** What a check is, what it may look at, and what it says. A check opens no device and changes nothing. */
import type { Configuration } from '../configuration.js';
import type { Instant, Words } from '../contracts.js';
import type { KernelClock } from '../ports/ntp.js';
import type { FindingWord } from './findings.js';

/** `skipped` is never a green: it says what could not be looked at, and why. */
export type Outcome =
  | { readonly state: 'right'; readonly at: string }
  | { readonly state: 'found'; readonly finding: FindingWord; readonly at: string }
  | { readonly state: 'skipped'; readonly why: Words };

/** `at`: where, and what was seen there. */
export const right = (at: string): Outcome => ({ state: 'right', at });
export const found = (finding: FindingWord, at: string): Outcome => ({ state: 'found', finding, at });
export const skipped = (zh: string, en: string): Outcome => ({ state: 'skipped', why: { zh, en } });

/** A device of the configuration, with its address as its port wants it. */
export interface SeenDevice {
  readonly name: string;
  readonly port: string;
  readonly address: Readonly<Record<string, unknown>>;
}

export interface GpioLine {
  readonly name: string;
  readonly used: boolean;
  /** Who holds it. */
  readonly consumer: string;
}

/** The machine, as the rim hands it in: folders, clocks and questions to others. Times in ms. */
export interface Box {
  readonly sys: string;
  readonly proc: string;
  readonly dev: string;
  readonly etc: string;
  readonly run: string;
  readonly clocks: { wall(): Instant; readonly kernel: (() => KernelClock) | undefined; rtc(): Instant | undefined };
  /** When this program was built. */
  readonly built: Instant;
  /** Groups that the service has. */
  readonly groups: readonly string[];
  /** Properties that udev gave a node; undefined: udev is not there. */
  udev(node: string): Promise<Readonly<Record<string, string>> | undefined>;
  /** undefined: no such chip. @throws when there are no GPIO devices to be looked at, or they may not be opened */
  gpio(chip: string): { readonly node: string; readonly lines: readonly GpioLine[] } | undefined;
  /** Bytes that may still be written in a folder. */
  free(folder: string): Promise<number>;
}

/** What the checks know of the terminal. `resolve` makes a path of the configuration whole. */
export interface Patient {
  readonly configuration: Configuration;
  /** `keys: enrolled`, and no ticket was scanned yet. */
  readonly awaited?: boolean;
  readonly devices: readonly SeenDevice[];
  resolve(path: string): string;
}

export interface Check {
  readonly title: Words;
  look(patient: Patient, box: Box): readonly Outcome[] | Promise<readonly Outcome[]>;
}

export const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
