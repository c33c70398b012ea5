import { type ComponentProps, useState } from 'react'

interface TextFieldProps extends Omit<ComponentProps<'input'>, 'value' | 'onChange'> {
  readonly value: string
  readonly onText: (text: string) => void
}

/**
 * A text field for `useKeyState`. While an input method composes, the field shows what is being composed, whoever else writes the text:
 * React would put the other text into it, and the composition would break off.
 */
export function TextField({ value, onText, ...attributes }: TextFieldProps) {
  const [composed, setComposed] = useState<string | null>(null)
  return (
    <input
      {...attributes}
      autoComplete="off"
      spellCheck={false}
      value={composed ?? value}
      onChange={({ currentTarget }) => {
        onText(currentTarget.value)
        if (composed !== null) setComposed(currentTarget.value)
      }}
      onCompositionStart={({ currentTarget }) => setComposed(currentTarget.value)}
      onCompositionEnd={({ currentTarget }) => {
        onText(currentTarget.value)
        setComposed(null)
      }}
    />
  )
}
