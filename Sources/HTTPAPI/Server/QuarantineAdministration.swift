package import TickerStore

/// What the commands for quarantined records ask of a store; a protocol so that the routes are tested without a disk.
///
/// Every call blocks, with many records for long: make them through `OwnThread`.
package protocol QuarantineAdministration: Sendable {
    /// Quarantined records, newest first, as `Snapshot.quarantined` has them.
    func quarantined(source: String?, reason: String?, before: QuarantinePosition?, limit: Int) throws(StoreError) -> QuarantinePage
    /// The record with an id, which may be abbreviated.
    func quarantined(abbreviated id: String) throws(StoreError) -> QuarantineMatch
    /// How many records a filter means.
    func countQuarantined(_ filter: QuarantineFilter) throws(StoreError) -> Int
    /// Takes them out and gives their number.
    func purgeQuarantined(_ filter: QuarantineFilter) throws(StoreError) -> Int
}

extension Store: QuarantineAdministration {
    package func quarantined(
        source: String?,
        reason: String?,
        before: QuarantinePosition?,
        limit: Int
    ) throws(StoreError) -> QuarantinePage {
        try snapshot().quarantined(source: source, reason: reason, before: before, limit: limit)
    }

    package func quarantined(abbreviated id: String) throws(StoreError) -> QuarantineMatch { try QuarantineMatch(id, in: snapshot()) }
}
