// The one function of @babel/core that the tests call; it brings no types of its own.
declare module '@babel/core' {
  export function transformSync(
    code: string,
    options: object,
  ): { readonly code?: string | null; readonly map?: object | null } | null
}
