/** This package's version, as servers list it of their connections. A test keeps it equal to package.json. */
export const version = '0.1.0';
