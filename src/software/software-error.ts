/**
 * What software commands refuse with: a kind, as esxcli names it, and lines that say why.
 *
 *   DependencyError         what would be installed does not go together
 *   AcceptanceConfigError   the host does not accept VIBs of this level
 *   NoMatchError            nothing is called what was asked for
 *   VibDownloadError        a VIB could not be had
 *   MetadataDownloadError   a depot could not be had, or is none
 *   VibValidationError      a VIB does not hold what it says
 *   ProfileValidationError  the host is not what the profile says
 *   InstallationError       the boot device, or a signature, said no
 *   LiveInstallationError   the running host said no
 *
 * Whatever the kind: nothing has changed.
 */

/** The kinds, as esxcli prints them in brackets. */
export type SoftwareErrorKind =
  | 'DependencyError'
  | 'AcceptanceConfigError'
  | 'NoMatchError'
  | 'VibDownloadError'
  | 'MetadataDownloadError'
  | 'VibValidationError'
  | 'ProfileValidationError'
  | 'InstallationError'
  | 'LiveInstallationError';

/**
 * A software command that was refused, and has changed nothing.
 *
 * @example
 * await (await softwareOf(host)).remove(['nobody']).catch((error) => {
 *   console.log(error instanceof SoftwareError, error.kind); // true NoMatchError
 *   console.log(error.lines[0]); // No VIB matching VIB search specification 'nobody'.
 * });
 */
export class SoftwareError extends Error {
  readonly code = 'ERR_VISORFS_SOFTWARE';
  readonly kind: SoftwareErrorKind;
  /** Why, each a line without the blank that esxcli begins it with. */
  readonly lines: readonly string[];

  constructor(kind: SoftwareErrorKind, lines: readonly string[], options?: ErrorOptions) {
    super(`[${kind}] ${lines.join('; ')}`, options);
    this.kind = kind;
    this.lines = lines;
  }
}
SoftwareError.prototype.name = 'SoftwareError';
