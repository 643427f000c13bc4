export default {
  files: ["dist/test/interop/**/*.test.js"],
  timeout: "120s",
  concurrency: 1,
  workerThreads: false,
  failWithoutAssertions: true,
};
