/** Is pcscd there, where a card reader needs it? */
import { join } from 'node:path';
import { type Check, found, right, skipped } from './check.js';
import { look } from './files.js';

export const pcsc: Check = {
  title: { zh: '智能卡服务', en: 'PC/SC' },
  look({ devices }, { run }) {
    if (!devices.some(({ port }) => port === 'pcsc')) return [skipped('没有配置 PC/SC 读卡器', 'no PC/SC reader is configured')];
    const socket = join(run, 'pcscd/pcscd.comm');
    return [look(socket) ? right(socket) : found('pcscd-absent', socket)];
  },
};
