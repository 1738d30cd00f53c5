package import TickerStore

/// Which quarantined records are to be tried again.
package struct ReplayRequest: Sendable, Equatable {
    package var source: String?
    /// One of the record's reasons.
    package var reason: String?
    /// Only these; nil: all.
    package var ids: Set<RecordDigest>?

    package init(source: String? = nil, reason: String? = nil, ids: Set<RecordDigest>? = nil) {
        self.source = source
        self.reason = reason
        self.ids = ids
    }
}

/// Records that wait in the quarantine, while they are tried again (spec section 5).
struct WaitingRecords {
    /// By position in the page that is made of them.
    let ids: [RecordDigest]
    /// Whether a row may take the place of the stored one with its identity, if there is one: not when that was fetched later.
    let mayReplace: (RowDraft) -> Bool
    /// Whether of two records with one identity the later one counts, as in files.
    let laterWins: Bool
}
