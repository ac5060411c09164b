/**
 * The archive of an object backup, in Velero's layout: written, listed and unpacked. Knows no cluster; what it reads
 * may come from a stranger.
 *
 * <pre>
 *   metadata/version                                                                  1.1.0
 *   resources/&lt;resource[.group]&gt;/namespaces/&lt;namespace&gt;/&lt;name&gt;.json
 *   resources/&lt;resource[.group]&gt;/cluster/&lt;name&gt;.json
 *   resources/&lt;resource[.group]&gt;/&lt;version&gt;-preferredversion/namespaces/…              the same once more
 *   resources/&lt;resource[.group]&gt;/&lt;version&gt;-preferredversion/cluster/…
 * </pre>
 */
@NullMarked
package dev.holdfast.backup.archive;

import org.jspecify.annotations.NullMarked;
