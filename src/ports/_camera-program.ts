/** The programs that write a camera's pictures to their standard output, and how each of them is called. */
import { z } from 'zod';
import type { FrameShape } from './_raw-frames.js';

const fps = z.number().int().min(1).max(60).default(15);
const width = z.number().int().min(160).max(1920);
const height = z.number().int().min(120).max(1440).multipleOf(2).default(480);

const size = { width: width.default(640), height, fps };
/** The Pi's camera processor pads its lines to 64 bytes and rpicam-vid writes the padding out (raspberrypi/rpicam-apps#857). */
const unpadded = { ...size, width: width.multipleOf(64).default(640) };
const camera = z.number().int().min(0).max(7).default(0).describe('which camera, as --list-cameras numbers them');

export const cameraAddress = z.discriminatedUnion('command', [
  z.strictObject({ command: z.literal('rpicam-vid'), camera, ...unpadded }),
  z.strictObject({ command: z.literal('libcamera-vid'), camera, ...unpadded }),
  z.strictObject({
    command: z.literal('ffmpeg'),
    path: z
      .string()
      .min(1)
      .max(255)
      .default('/dev/video0')
      .describe('USB camera; better a link of /dev/v4l/by-id, which follows the device'),
    ...size,
  }),
  z.strictObject({
    command: z.literal('custom'),
    run: z
      .array(
        z
          .string()
          .regex(/^[^\0]+$/, '不能含 NUL · no NUL in it')
          .max(1024),
      )
      .min(1)
      .max(64)
      .describe('program, by its whole path, and its arguments; no shell'),
    pixels: z.enum(['grey', 'yuv420']).default('grey').describe('what it writes: one byte a pixel, or planes of which the first is that'),
    ...size,
  }),
]);
export type CameraAddress = z.infer<typeof cameraAddress>;

export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly shape: FrameShape;
}

export function programOf(address: CameraAddress): Program {
  const grey = address.width * address.height;
  const yuv420 = { grey, whole: grey * 1.5 };
  switch (address.command) {
    case 'rpicam-vid':
    case 'libcamera-vid':
      return { file: address.command, args: piArgs(address), shape: yuv420 };
    case 'ffmpeg':
      return { file: 'ffmpeg', args: ffmpegArgs(address), shape: { grey, whole: grey } };
    case 'custom': {
      const [file = '', ...args] = address.run;
      return { file, args, shape: address.pixels === 'grey' ? { grey, whole: grey } : yuv420 };
    }
  }
}

function piArgs({
  camera: number,
  width: w,
  height: h,
  fps: rate,
}: Extract<CameraAddress, { readonly camera: number }>): readonly string[] {
  const picture = ['--codec', 'yuv420', '--width', `${w}`, '--height', `${h}`, '--framerate', `${rate}`, '--camera', `${number}`];
  return ['--nopreview', '--timeout', '0', '--verbose', '0', ...picture, '--flush', '--output', '-'];
}

/** A camera that cannot do the size gives another one; scaling keeps the frames as long as they are counted. */
function ffmpegArgs({ path, width: w, height: h, fps: rate }: Extract<CameraAddress, { readonly path: string }>): readonly string[] {
  const from = ['-fflags', 'nobuffer', '-f', 'v4l2', '-framerate', `${rate}`, '-video_size', `${w}x${h}`, '-i', path];
  return ['-nostdin', '-hide_banner', '-loglevel', 'error', ...from, '-vf', `scale=${w}:${h},format=gray`, '-f', 'rawvideo', 'pipe:1'];
}
