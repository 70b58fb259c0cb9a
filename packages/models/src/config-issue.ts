/** Something that is wrong, or looks wrong, in a configuration. */
export type ConfigIssue = {
  /** An error keeps the configuration from being used; a warning does not. */
  severity: 'error' | 'warning';
  /** Stable, for programs and for the errors page. */
  code: ConfigIssueCode;
  /** Where: a JSON pointer (RFC 6901) into what was validated. */
  pointer: string;
  /** The trigger's name, when it has a legal one. */
  trigger?: string;
  /** What is wrong and what to do, for people. Never a secret value. */
  message: string;
};

export type ConfigIssueCode =
  | 'CONFIG_INVALID'
  | 'CONFIG_UNKNOWN_FIELD'
  | 'CONFIG_UNKNOWN_KIND'
  | 'CONFIG_NAME_INVALID'
  | 'CONFIG_NAME_DUPLICATE'
  | 'CONFIG_DURATION_INVALID'
  | 'CONFIG_SEALED'
  | 'CONFIG_VALUE_CORRECTED'
  | 'CONFIG_TEMPLATE_INVALID'
  | 'CONFIG_KIND_REFUSED';
