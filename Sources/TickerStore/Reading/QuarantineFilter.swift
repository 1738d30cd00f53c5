package import MarketData

/// Which quarantined records are meant. What is nil does not matter.
package struct QuarantineFilter: Sendable, Equatable {
    package var source: String?
    /// One of the record's reasons.
    package var reason: String?
    /// Only records that were fetched before.
    package var recordedBefore: Timestamp?

    package init(source: String? = nil, reason: String? = nil, recordedBefore: Timestamp? = nil) {
        self.source = source
        self.reason = reason
        self.recordedBefore = recordedBefore
    }

    /// Whether every record is meant.
    package var isEmpty: Bool { source == nil && reason == nil && recordedBefore == nil }
}

/// Quarantined records in order.
package struct QuarantinePage: Sendable {
    package var records: [WaitingRecord] = []
    /// Where to go on; nil: there are no more. A page may have fewer records than were asked for, even none, and go on all the same: what is
    /// looked at for one page is bounded.
    package var next: QuarantinePosition?

    package init() {}
}
