/// Why a segment could not be opened.
struct SegmentOpenError: Error, CustomStringConvertible {
    /// Only the index is missing or damaged: `SegmentIndexRebuild` makes it anew, and opening works again.
    var isIndexDamage: Bool
    /// What is wrong with which file.
    var error: StoreError

    /// The index is at fault.
    static func index(_ error: StoreError) -> SegmentOpenError {
        // A newer program's index is whole; only we cannot read it.
        SegmentOpenError(isIndexDamage: error.kind == .corrupt, error: error)
    }

    /// The lines or the file system are at fault.
    static func other(_ error: StoreError) -> SegmentOpenError { SegmentOpenError(isIndexDamage: false, error: error) }

    var description: String { error.description }
}
