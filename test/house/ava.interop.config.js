export default {
  files: ["dist/test/interop/**/*.test.js"],
  timeout: "120s",
  concurrency: 1,
  failWithoutAssertions: true,
};
