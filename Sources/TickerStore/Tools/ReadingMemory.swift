/// What in a store's state says that something has been read already. The store itself does not know what its keys mean.
package struct ReadingMemory: Sendable {
    /// Whether a key must go so that these sources are read again; nil: all sources.
    let speaksOf: @Sendable (_ key: String, _ sources: Set<String>?) -> Bool

    package init(_ speaksOf: @escaping @Sendable (_ key: String, _ sources: Set<String>?) -> Bool = { _, _ in false }) {
        self.speaksOf = speaksOf
    }
}

/// The sources of rows and quarantined records that a repair could not save.
struct LostSources {
    /// nil: it is not known whose they were.
    private(set) var names: Set<String>? = []

    var isEmpty: Bool { names?.isEmpty ?? false }

    mutating func addAll() { names = nil }

    /// - Parameter saved: The segment that takes the place of the damaged one.
    mutating func add(_ info: SegmentInfo, saved: SegmentInfo?) {
        guard info.family == .tickers || info.family == .quarantine, saved?.rows ?? 0 < info.rows else { return }
        // Whose the lines were that cannot be read is not known any more.
        names?.formUnion(info.live.keys)
    }
}
