interface SwitchProps {
  readonly label: string
  readonly isOn: boolean
  readonly isDisabled?: boolean
  readonly onSwitch: (isOn: boolean) => void
}

export function Switch({ label, isOn, isDisabled = false, onSwitch }: SwitchProps) {
  return (
    <label>
      <input
        type="checkbox"
        className="switch"
        checked={isOn}
        disabled={isDisabled}
        onChange={(event) => onSwitch(event.currentTarget.checked)}
      />{' '}
      {label}
    </label>
  )
}
