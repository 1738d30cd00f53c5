import MarketData

/// Quarantined records wait in the log's generations or in segments.
///
/// Invariant: each id waits in at most one place.
extension RowTables {
    enum WaitingPlace {
        /// In the generation with this number.
        case log(Int)
        /// In a line of a segment.
        case sealed(segment: UInt64, row: Int)
    }

    /// Where a record waits; nil when it does not.
    ///
    /// - Parameter slots: Of all families.
    /// - Throws: `.corrupt` when it is in a segment and could not be taken out there.
    func waitingPlace(of id: RecordDigest, in slots: [FamilySlot]) throws(StoreError) -> WaitingPlace? {
        for index in generations.indices.reversed() where generations[index].waiting.contains(id) { return .log(generations[index].number) }
        for index in slots.indices where slots[index].info.family == .quarantine {
            guard let row = slots[index].row(ofID: id) else { continue }
            try slots[index].check(row)
            return .sealed(segment: slots[index].info.id, row: row)
        }
        return nil
    }

    /// Whether a record waits.
    func isWaiting(_ id: RecordDigest, in slots: [FamilySlot]) -> Bool {
        generations.contains { $0.waiting.contains(id) } || slots.contains { $0.info.family == .quarantine && $0.row(ofID: id) != nil }
    }

    /// Takes out a record that waits at `place`.
    mutating func takeOut(_ id: RecordDigest, at place: WaitingPlace, from slots: inout [FamilySlot]) {
        switch place {
        case .log(let number):
            guard let index = generations.firstIndex(where: { $0.number == number }), generations[index].waiting.remove(id) else { return }
            carried?.add(generation: number, id: id)
        case .sealed(let segment, let row):
            guard let index = slots.firstIndex(where: { $0.info.id == segment }) else { return }
            slots[index].markDead(row)
            carried?.add(segment: segment, id: id)
        }
    }

    /// The number of a source among the series of quarantined records.
    mutating func quarantineSeries(of source: String) -> UInt32 {
        quarantineSeries.numbers(for: [SeriesKey(symbol: "", source: source, sourceID: "")])[0]
    }
}
