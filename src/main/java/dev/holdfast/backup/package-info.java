/**
 * Backup of Kubernetes objects: discover, select, order, list in pages, ask the plugins, write an archive that Velero
 * can restore. What cannot be taken is a line in the report, never the end of the backup. Memory does not grow with the
 * size of the objects: a page that is large waits on disk, and one object at a time is held as a tree.
 */
@NullMarked
package dev.holdfast.backup;

import org.jspecify.annotations.NullMarked;
