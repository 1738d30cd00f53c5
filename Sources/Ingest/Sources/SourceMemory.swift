package import TickerStore

/// Which keys of a store's state say what of a source was read, so that it is not read again: files and how far they were read, pages as they were
/// last, and where a walk over pages was. What a person decided about a source is under other keys.
package enum SourceMemory {
    /// For `StoreRepair`: rows that are lost come again only when their source is read as if for the first time.
    package static let forRepair = ReadingMemory { key, sources in
        let parts = key.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        switch parts[0] {
        // An older store has files by their paths, and does not say whose they are.
        case "file": return true
        case "source-file", "page-memory", "page": return parts.count > 1 && (sources?.contains(String(parts[1])) ?? true)
        default: return false
        }
    }
}
