/// Deaths in the files that a job is reading: of rows by their keys, of quarantined records by their ids.
struct CarriedDeaths {
    let generations: Set<Int>
    let segments: Set<UInt64>
    private(set) var keys: [(series: UInt32, timestamp: Int64)] = []
    private(set) var ids: [RecordDigest] = []

    init(generations: Set<Int> = [], segments: Set<UInt64> = []) {
        self.generations = generations
        self.segments = segments
    }

    mutating func add(generation: Int, series: UInt32, timestamp: Int64) {
        if generations.contains(generation) { keys.append((series, timestamp)) }
    }

    mutating func add(segment: UInt64, series: UInt32, timestamp: Int64) {
        if segments.contains(segment) { keys.append((series, timestamp)) }
    }

    mutating func add(generation: Int, id: RecordDigest) {
        if generations.contains(generation) { ids.append(id) }
    }

    mutating func add(segment: UInt64, id: RecordDigest) {
        if segments.contains(segment) { ids.append(id) }
    }
}
