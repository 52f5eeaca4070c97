// SPDX-License-Identifier: MIT
// One set of rules, with type information, for the host, the tests and the module. What AssemblyScript means otherwise
// than TypeScript is switched off for its sources.

import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['build/', 'coverage/', '**/node_modules/', 'host/wasm3-binding/build/'] },
  {
    files: ['**/*.{ts,js,mjs}'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'no-console': 'off',
      eqeqeq: 'error',
      'prefer-const': 'error',
      'no-restricted-exports': [
        'error',
        { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // A number in a message is what most messages are for.
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
    },
  },
  // Without types nothing can be said of types.
  { files: ['**/*.{js,mjs}'], extends: [tseslint.configs.disableTypeChecked] },
  {
    // Tools that look for a default export.
    files: ['*.config.{ts,js}', 'host/ascii-transform.mjs'],
    rules: { 'no-restricted-exports': 'off' },
  },
  {
    files: ['assembly/**/*.ts', 'test/probe/**/*.ts'],
    rules: {
      // === is identity, a cast of a number is code, there is no `import type`, an enumeration is an i32, and a link
      // leaves arguments of the contract unused.
      eqeqeq: 'off',
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { args: 'none' }],
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      '@typescript-eslint/consistent-type-imports': 'off',
    },
  },
);
