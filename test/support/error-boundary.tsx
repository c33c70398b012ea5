import { Component, type ReactNode } from 'react'

/** Shows what was thrown below it; {@link ErrorBoundary.retry} tries again. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: undefined }

  static getDerivedStateFromError(error: unknown) {
    return { error }
  }

  retry = (): void => this.setState({ error: undefined })

  override render(): ReactNode {
    const { error } = this.state
    if (error === undefined) return this.props.children
    return (
      <button type="button" onClick={this.retry}>
        {String(error)}
      </button>
    )
  }
}
