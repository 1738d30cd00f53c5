/// The rules that a scrape must keep, stricter than `promtool check metrics`: that lets pass two samples with the same name and labels, and
/// histograms without `+Inf` or with buckets out of order.
package struct ExpositionCheck: Sendable {
    package let text: ExpositionText
    /// Empty for a good scrape.
    package private(set) var faults: [ExpositionFault]

    package init(_ bytes: [UInt8]) {
        let reader = ExpositionReader(bytes)
        text = reader.text
        faults = reader.faults
        for family in text.families {
            check(family)
            if family.type == "histogram" { checkHistogram(family) }
        }
    }

    private mutating func note(_ line: Int, _ message: String) { faults.append(ExpositionFault(line: line, message: message)) }

    // MARK: Families

    private static let abbreviations: Set<Substring> = [
        "ms", "milliseconds", "us", "microseconds", "ns", "nanoseconds", "sec", "secs", "minutes", "min", "hours", "days", "kb", "mb", "gb",
        "kilobytes", "megabytes", "percent", "pct",
    ]

    private mutating func check(_ family: ExpositionText.Family) {
        let name = family.name
        let words = name.split(separator: "_")
        if let word = words.first(where: { Self.abbreviations.contains($0) }) {
            note(family.line, "\(name) has the unit \(word), which is no base unit")
        }
        switch family.type {
        case "counter": if words.last != "total" { note(family.line, "the counter \(name) does not end in _total") }
        case "histogram": if words.last != "seconds", words.last != "bytes" { note(family.line, "the histogram \(name) does not end in its unit") }
        default: if words.last == "total" { note(family.line, "\(name) ends in _total and is no counter") }
        }
        if let last = words.last, ["bucket", "sum", "count"].contains(last) { note(family.line, "\(name) ends like a part of a histogram") }
        if words.contains("timestamp"), !name.hasSuffix("_timestamp_seconds") { note(family.line, "\(name) does not end in _timestamp_seconds") }
        if family.samples.isEmpty { note(family.line, "\(name) has no samples") }
        var seen: Set<String> = []
        let labels = family.samples.first.map { $0.labels.map(\.name).filter { $0 != "le" } }
        for sample in family.samples {
            if !seen.insert(sample.name + sample.labelText).inserted { note(sample.line, "\(sample.name)\(sample.labelText) comes twice") }
            if sample.labels.map(\.name).filter({ $0 != "le" }) != labels { note(sample.line, "\(name) has series with other labels") }
            if (sample["le"] != nil) != sample.name.hasSuffix("_bucket") { note(sample.line, "le is for buckets, and each of them has it") }
            if family.type == "counter", !(sample.value.isFinite && sample.value >= 0) { note(sample.line, "a counter of \(sample.value)") }
            if sample.value.isNaN { note(sample.line, "\(name) is not a number") }
        }
        if family.type != "histogram" {
            let order = family.samples.map(\.labelText)
            if order != order.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
                note(family.line, "the series of \(name) are not in order")
            }
        }
    }

    // MARK: Histograms

    private mutating func checkHistogram(_ family: ExpositionText.Family) {
        var rest = family.samples[...]
        var bounds: [Double]?
        while let first = rest.first {
            let labels = first.labels.filter { $0.name != "le" }
            let series = rest.prefix { $0.labels.filter { $0.name != "le" } == labels }
            rest = rest[series.endIndex...]
            let buckets = series.filter { $0.name == family.name + "_bucket" }
            let place = "\(family.name)\(first.labelText)"
            let tail = series.suffix(2).map(\.name)
            if tail != [family.name + "_sum", family.name + "_count"] || series.count != buckets.count + 2 {
                note(first.line, "\(place): buckets, _sum and _count are not all there, once and in this order")
                continue
            }
            let found = buckets.map { $0["le"].flatMap { $0 == "+Inf" ? .infinity : Double($0) } ?? .nan }
            if zip(found, found.dropFirst()).contains(where: { !($0 < $1) }) { note(first.line, "\(place): the buckets are not in order") }
            if found.last != .infinity { note(first.line, "\(place): there is no bucket +Inf") }
            if let bounds, bounds != found { note(first.line, "\(place): its buckets are not those of the other series") }
            bounds = found
            let counts = buckets.map(\.value) + [series.last!.value]
            if zip(counts, counts.dropFirst()).contains(where: { $0 > $1 }) { note(first.line, "\(place): the buckets are not cumulative") }
            if counts.count > 1, counts[counts.count - 2] != counts[counts.count - 1] { note(first.line, "\(place): +Inf is not _count") }
            if counts.contains(where: { $0 < 0 || $0 != $0.rounded() }) { note(first.line, "\(place): a count is no whole number") }
            let sum = series[series.endIndex - 2].value
            if counts.last == 0, sum != 0 { note(first.line, "\(place): a sum of nothing that is \(sum)") }
        }
    }

    // MARK: Two scrapes

    /// What a later scrape of the same process breaks: counters never fall, and no series goes.
    package func faults(before later: ExpositionCheck) -> [ExpositionFault] {
        var faults: [ExpositionFault] = []
        for family in text.families {
            guard let next = later.text[family.name] else {
                faults.append(ExpositionFault(line: 0, message: "\(family.name) is gone"))
                continue
            }
            if next.type != family.type || next.help != family.help {
                faults.append(.init(line: next.line, message: "\(family.name) is another metric now"))
            }
            let values = Dictionary(next.samples.map { ($0.name + $0.labelText, $0) }) { first, _ in first }
            for sample in family.samples {
                guard let now = values[sample.name + sample.labelText] else {
                    faults.append(ExpositionFault(line: 0, message: "\(sample.name)\(sample.labelText) is gone"))
                    continue
                }
                if family.type != "gauge", now.value < sample.value {
                    faults.append(.init(line: now.line, message: "\(sample.name)\(sample.labelText) fell from \(sample.value) to \(now.value)"))
                }
            }
        }
        return faults
    }
}
