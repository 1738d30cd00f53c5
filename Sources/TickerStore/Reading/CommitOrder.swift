import MarketData

/// Which of several records of one row came with the newer commit.
///
/// Times of fetching do not tell: the machine's clock may have been set back between them. The LSN does; lines that an older version sealed have none,
/// are older than all that have one, and among themselves know nothing better than the time.
struct CommitOrder: Comparable {
    var lsn: UInt64?
    var fetchedAt: Timestamp

    static func < (a: CommitOrder, b: CommitOrder) -> Bool {
        switch (a.lsn, b.lsn) {
        case (let first?, let second?): first < second
        case (nil, _?): true
        case (_?, nil): false
        case (nil, nil): a.fetchedAt < b.fetchedAt
        }
    }
}

extension RowOrigin {
    var order: CommitOrder { CommitOrder(lsn: lsn, fetchedAt: fetchedAt) }
}

extension RawRecord {
    var order: CommitOrder { CommitOrder(lsn: lsn, fetchedAt: fetchedAt) }
}

extension JSONValue {
    /// The LSN that a sealed line has since it has one.
    var lsn: UInt64? { member("lsn")?.integer.flatMap { UInt64(exactly: $0) } }
}
