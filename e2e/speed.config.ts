import base from './playwright.config.ts';

// How soon people see something, on a release build: CANH_BIN=target/release/canh npm --prefix e2e run speed
export default { ...base, testDir: 'speed', timeout: 600_000 };
