/// What one request's tries came to, for the run's record.
struct RequestFailures {
    /// The URL, secrets masked.
    let place: String
    private var tries: [(type: RunRecord.ErrorType, short: String, long: String)] = []

    init(place: String) { self.place = place }

    var count: Int { tries.count }

    /// The type of the last failure.
    var type: RunRecord.ErrorType? { tries.last?.type }

    /// - Parameters:
    ///   - short: such as `503`, `timeout`; names what failed among several.
    ///   - long: what is known of it.
    mutating func append(_ type: RunRecord.ErrorType, _ short: String, _ long: String) { tries.append((type, short, long)) }

    /// All tries in one sentence.
    var message: String {
        guard let last = tries.last else { return "\(place) was not asked" }
        let kinds = tries.map(\.short)
        let isStatus = last.short.utf8.allSatisfy { (0x30...0x39).contains($0) }
        if tries.count == 1 { return isStatus ? "\(place) answered \(last.short): \(last.long)" : last.long }
        let times = tries.count == 2 ? "twice" : tries.count == 3 ? "three times" : "\(tries.count) times"
        if Set(kinds).count == 1 {
            return isStatus ? "\(place) answered \(last.short) \(times); last: \(last.long)" : "\(place) was tried \(times); last: \(last.long)"
        }
        return "\(place) was tried \(times) (\(kinds.joined(separator: ", "))); last: \(last.long)"
    }
}
