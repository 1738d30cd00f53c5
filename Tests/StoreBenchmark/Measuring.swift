import Glibc

/// Seconds that some work takes.
func seconds(_ work: () throws -> Void) rethrows -> Double {
    let duration = try ContinuousClock().measure(work).components
    return Double(duration.seconds) + Double(duration.attoseconds) / 1e18
}

/// Measured values.
struct Samples {
    private(set) var values: [Double] = []

    mutating func add(_ value: Double) { values.append(value) }

    var median: Double { percentile(50) }
    var mean: Double { values.reduce(0, +) / Double(values.count) }
    var maximum: Double { values.max()! }

    /// The smallest value that so many of a hundred do not exceed.
    func percentile(_ share: Int) -> Double {
        let sorted = values.sorted()
        return sorted[max(0, (sorted.count * share + 99) / 100 - 1)]
    }
}

/// Bytes of a process's memory that no file stands behind.
func anonymousMemory() -> Int {
    guard let file = fopen("/proc/self/status", "r") else { return 0 }
    defer { fclose(file) }
    while let line = readLine(from: file) {
        guard line.hasPrefix("RssAnon:") else { continue }
        return (Int(line.split(whereSeparator: { !$0.isNumber }).first ?? "") ?? 0) * 1_024
    }
    return 0
}

/// Seconds of processor time that this process has used.
func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
