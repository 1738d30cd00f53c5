/// What a segment's lines are; each family has a directory and reads as one table in any engine.
package enum Family: UInt8, CaseIterable, Sendable {
    /// Rows. Each key is live once.
    case tickers = 1
    /// The sources' own records of the rows.
    case raw = 2
    /// Records that could not become rows.
    case quarantine = 3
    case runs = 4
    case outliers = 5

    /// The directory's name under `segments/`, and the name in the manifest.
    package var name: String {
        switch self {
        case .tickers: "tickers"
        case .raw: "raw"
        case .quarantine: "quarantine"
        case .runs: "runs"
        case .outliers: "outliers"
        }
    }

    init?(name: String) {
        guard let family = Family.allCases.first(where: { $0.name == name }) else { return nil }
        self = family
    }

    /// zlib's level for what a merger writes. Raw records are read seldom and dropped soon.
    var compressionLevel: Int32 { self == .raw ? 1 : 6 }

    /// zlib's level for what a seal writes: commits may wait for it, and most of it is merged again. Of rows it makes 5 % more bytes
    /// than level 6, in three quarters of the time.
    var sealingLevel: Int32 { min(compressionLevel, 4) }
}
