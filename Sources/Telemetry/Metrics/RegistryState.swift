/// Everything the registry knows, plain data behind its one lock; a copy of it is what a scrape prints.
///
/// No method here logs, calls out or blocks. Series live in `samples` under a slot number that never changes, because
/// instruments keep it; the sorted lists used for rendering hold slots only.
struct RegistryState {
    /// Sorted by name.
    private(set) var families: [MetricFamily] = []
    private(set) var samples: [Sample] = []
    /// Names already complained about, so that one mistake is one log line.
    private var warned: Set<String> = []

    /// The usual bounds for latencies in seconds (those of the Prometheus client libraries).
    static let defaultBounds: [Double] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    /// Creates the family, or fills in the help of one that an instrument made before it was declared.
    /// - Returns: false when the name already has another type.
    mutating func declare(_ name: String, help: String, type: MetricType, bounds: [Double]) -> Bool {
        let (index, found) = position(of: name)
        guard found else {
            families.insert(Self.family(name, help: help, type: type, bounds: bounds), at: index)
            return true
        }
        guard families[index].type == type else { return false }
        if families[index].help.isEmpty { families[index].help = help }
        return true
    }

    /// The slot of a series, created at 0 when it is new; nil when the name already has another type.
    mutating func slot(_ name: String, labels: LabelSet, type: MetricType) -> Int? {
        let (index, found) = position(of: name)
        if !found {
            families.insert(Self.family(name, help: "", type: type, bounds: []), at: index)
        }
        guard families[index].type == type else { return nil }
        let place = families[index].position(of: labels)
        if place.found { return families[index].series[place.index].slot }
        let slot = samples.count
        switch type {
        case .counter, .gauge: samples.append(.scalar(0))
        case .histogram:
            samples.append(.histogram(counts: Array(repeating: 0, count: families[index].bounds.count + 1), sum: 0))
        }
        families[index].series.insert((labels, slot), at: place.index)
        return slot
    }

    /// Takes the other series of a metric away. Their slots stay: an instrument may still have one.
    mutating func keep(_ labels: Set<LabelSet>, of name: String) {
        let (index, found) = position(of: name)
        if found { families[index].series.removeAll { !labels.contains($0.labels) } }
    }

    /// The declared type of `name`.
    func type(of name: String) -> MetricType? {
        let (index, found) = position(of: name)
        return found ? families[index].type : nil
    }

    /// The bucket bounds of the histogram `name`.
    func bounds(of name: String) -> [Double] {
        let (index, found) = position(of: name)
        return found ? families[index].bounds : []
    }

    /// Adds to a counter or gauge.
    mutating func add(_ amount: Double, to slot: Int) {
        guard case .scalar(let value) = samples[slot] else { return }
        samples[slot] = .scalar(value + amount)
    }

    /// Replaces the value of a counter or gauge.
    mutating func set(_ value: Double, at slot: Int) {
        guard case .scalar = samples[slot] else { return }
        samples[slot] = .scalar(value)
    }

    /// Replaces the value of a counter unless it is larger already.
    mutating func raise(to value: Double, at slot: Int) {
        guard case .scalar(let old) = samples[slot], value > old else { return }
        samples[slot] = .scalar(value)
    }

    /// Counts one observation into bucket `bucket`.
    mutating func observe(_ value: Double, bucket: Int, at slot: Int) {
        guard case .histogram(var counts, let sum) = samples[slot], bucket < counts.count else { return }
        // The array must be unique before it is changed, or every observation would copy it.
        samples[slot] = .scalar(0)
        counts[bucket] += 1
        samples[slot] = .histogram(counts: counts, sum: sum + value)
    }

    /// True the first time it is asked about `subject`.
    mutating func shouldWarn(about subject: String) -> Bool {
        // Callers may make names out of data; the memory of complaints stays small whatever they do.
        warned.count < 1_000 && warned.insert(subject).inserted
    }

    private func position(of name: String) -> (index: Int, found: Bool) {
        var low = 0
        var high = families.count
        while low < high {
            let middle = (low + high) / 2
            if families[middle].name < name { low = middle + 1 } else { high = middle }
        }
        return (low, low < families.count && families[low].name == name)
    }

    private static func family(_ name: String, help: String, type: MetricType, bounds: [Double]) -> MetricFamily {
        var usable: [Double] = []
        if type == .histogram {
            // `+Inf` is implied, and bounds out of order would make the cumulative counts fall.
            usable = Array(Set(bounds.filter(\.isFinite))).sorted()
            if usable.isEmpty { usable = defaultBounds }
        }
        return MetricFamily(name: name, type: type, help: help, bounds: usable)
    }
}
