/** Packages that are not bundled: native, or loaded by programs that nobody waits for. They are found in node_modules. */
export const KEPT = ['better-sqlite3', 'koffi', 'onoff', 'node-hid', 'pcsc-mini', 'pg', 'sharp', 'aedes', 'zxing-wasm', '@peculiar/x509', 'reflect-metadata'];
/** What bundled packages load at run time, where it is there. */
export const NATIVE_PARTS = ['@serialport/bindings-cpp', 'bufferutil', 'utf-8-validate', 'supports-color'];
