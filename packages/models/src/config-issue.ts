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

/** What kind of issue it is. */
export type ConfigIssueCode =
  /** The text is no YAML and no JSON, or cannot be read as one configuration. */
  | 'CONFIG_SYNTAX'
  /** A field is given more than once. */
  | 'CONFIG_FIELD_DUPLICATE'
  /** A field is missing, or its value is none that the field can have. */
  | 'CONFIG_INVALID'
  /** There is no such field. */
  | 'CONFIG_UNKNOWN_FIELD'
  /** No kind of this name is there. */
  | 'CONFIG_UNKNOWN_KIND'
  /** A collection is bound that the configuration does not have. */
  | 'CONFIG_UNKNOWN_COLLECTION'
  /** A name has characters or a length that names cannot have. */
  | 'CONFIG_NAME_INVALID'
  /** Two triggers have one name. */
  | 'CONFIG_NAME_DUPLICATE'
  /** A text is no duration, or a duration that cannot be used there. */
  | 'CONFIG_DURATION_INVALID'
  /** A collection's key is missing, or is none. */
  | 'CONFIG_KEY_INVALID'
  /** Where documents come from is missing, or cannot be read as it is written. */
  | 'CONFIG_SOURCE_INVALID'
  /** Two bindings write to one resource. */
  | 'CONFIG_RESOURCE_DUPLICATE'
  /** The configuration asks for something that this endpoint does not offer. */
  | 'CONFIG_UNSUPPORTED'
  /** A field is legal, and nothing comes of it here. */
  | 'CONFIG_VALUE_UNUSED'
  /** There is nothing to do. */
  | 'CONFIG_EMPTY'
  /** A part is sealed that has to be opened first. */
  | 'CONFIG_SEALED'
  /** A value is out of its range, and the nearest one in it is used: a warning. */
  | 'CONFIG_VALUE_CORRECTED'
  /** A template cannot be read or rendered, or what it renders is not JSON. */
  | 'CONFIG_TEMPLATE_INVALID'
  /** The kind's own check says so. */
  | 'CONFIG_KIND_REFUSED';
