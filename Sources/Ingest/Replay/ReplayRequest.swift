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
    enum Verdict {
        /// It becomes a row: there is none yet, or one that was fetched before.
        case store
        /// The stored row was fetched after it.
        case outdated
        /// Nobody can tell which of the two is right: they were fetched together, or it is not known any more when the row was.
        case keep
    }

    /// By position in the page that is made of them.
    let ids: [RecordDigest]
    /// What a good record comes to beside the stored row with its identity.
    let verdict: (RowDraft) -> Verdict
    /// Whether of two records with one identity the later one counts, as in files.
    let laterWins: Bool
}
