/// How long things are kept, in milliseconds; nil: for ever.
package struct Retention: Sendable, Equatable {
    /// By the rows' own timestamps.
    package var rows: Int64?
    /// By the time of fetching.
    package var raw: Int64? = 90 * 86_400_000
    /// By the time of fetching.
    package var quarantine: Int64? = 90 * 86_400_000

    package init() {}

    package init(rows: Int64?, raw: Int64?, quarantine: Int64?) {
        self.rows = rows
        self.raw = raw
        self.quarantine = quarantine
    }

    /// How long a family's lines are kept.
    func keep(_ family: Family) -> Int64? {
        switch family {
        case .tickers: rows
        case .raw: raw
        case .quarantine: quarantine
        case .runs, .outliers: nil
        }
    }
}
