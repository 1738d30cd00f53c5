/// What a possibly abbreviated id of a quarantined record means.
package enum QuarantineMatch: Sendable {
    case record(WaitingRecord)
    /// Nothing that waits.
    case nothing
    /// Some of those that begin so.
    case several([RecordDigest])
    /// No text of 1 to 32 hex digits.
    case malformed

    /// Ids that are named when there are several.
    private static let named = 5

    package init(_ text: String, in snapshot: Snapshot) throws(StoreError) {
        guard let ids = snapshot.quarantinedIDs(abbreviated: text.lowercased(), limit: Self.named) else {
            self = .malformed
            return
        }
        if ids.count > 1 {
            self = .several(ids)
        } else if let id = ids.first, let record = try snapshot.quarantined(id: id) {
            self = .record(record)
        } else {
            self = .nothing
        }
    }

    /// Why there is no record, for the person who typed the id; nil when there is one.
    package func refusal(of text: String) -> String? {
        switch self {
        case .record: nil
        case .nothing: "No record with the id \(text) waits in quarantine: it was taken out, has expired, or never was there."
        case .several(let ids):
            "Several records have ids that begin with \(text): \(ids.map(\.hexadecimal).joined(separator: ", ")). Give more digits."
        case .malformed: "\(text) is no id of a quarantined record: 1 to 32 hexadecimal digits are expected."
        }
    }
}
