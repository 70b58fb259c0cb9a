/** This package's version, for the instrumentation scope. A test keeps it equal to package.json. */
export const version = '0.1.0';
