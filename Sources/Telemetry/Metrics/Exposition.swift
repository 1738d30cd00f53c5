/// Prometheus text exposition format 0.0.4.
///
/// Per family: `# HELP` and `# TYPE` once, then its samples together; families sorted by name, series by label text,
/// buckets cumulative up to `+Inf`, every line ended by a newline. Families without series are left out.
enum Exposition {
    /// Appends the whole registry.
    static func append(_ state: borrowing RegistryState, to bytes: inout [UInt8]) {
        for family in state.families where !family.series.isEmpty {
            appendHeader(of: family, to: &bytes)
            for (labels, slot) in family.series {
                switch state.samples[slot] {
                case .scalar(let value):
                    appendName(family.name, suffix: "", labels: labels, bound: nil, to: &bytes)
                    SampleValue.append(value, to: &bytes)
                    bytes.append(newline)
                case .histogram(let counts, let sum):
                    appendHistogram(family, labels: labels, counts: counts, sum: sum, to: &bytes)
                }
            }
        }
    }

    private static let newline = UInt8(ascii: "\n")

    private static func appendHeader(of family: MetricFamily, to bytes: inout [UInt8]) {
        if !family.help.isEmpty {
            bytes.append(contentsOf: "# HELP ".utf8)
            bytes.append(contentsOf: family.name.utf8)
            bytes.append(UInt8(ascii: " "))
            for byte in family.help.utf8 {
                switch byte {
                case UInt8(ascii: "\\"): bytes.append(contentsOf: "\\\\".utf8)
                case newline: bytes.append(contentsOf: "\\n".utf8)
                default: bytes.append(byte)
                }
            }
            bytes.append(newline)
        }
        bytes.append(contentsOf: "# TYPE ".utf8)
        bytes.append(contentsOf: family.name.utf8)
        bytes.append(UInt8(ascii: " "))
        bytes.append(contentsOf: family.type.rawValue.utf8)
        bytes.append(newline)
    }

    private static func appendHistogram(
        _ family: MetricFamily,
        labels: LabelSet,
        counts: [Int64],
        sum: Double,
        to bytes: inout [UInt8]
    ) {
        var cumulative: Int64 = 0
        for (index, count) in counts.enumerated() {
            cumulative += count
            let bound = index < family.bounds.count ? family.bounds[index] : Double.infinity
            appendName(family.name, suffix: "_bucket", labels: labels, bound: bound, to: &bytes)
            SampleValue.append(cumulative, to: &bytes)
            bytes.append(newline)
        }
        appendName(family.name, suffix: "_sum", labels: labels, bound: nil, to: &bytes)
        SampleValue.append(sum, to: &bytes)
        bytes.append(newline)
        appendName(family.name, suffix: "_count", labels: labels, bound: nil, to: &bytes)
        SampleValue.append(cumulative, to: &bytes)
        bytes.append(newline)
    }

    /// `name_suffix{labels,le="bound"} `, with the blank before the value.
    private static func appendName(
        _ name: String,
        suffix: String,
        labels: LabelSet,
        bound: Double?,
        to bytes: inout [UInt8]
    ) {
        bytes.append(contentsOf: name.utf8)
        bytes.append(contentsOf: suffix.utf8)
        if !labels.bytes.isEmpty || bound != nil {
            bytes.append(UInt8(ascii: "{"))
            bytes.append(contentsOf: labels.bytes)
            if let bound {
                bytes.append(contentsOf: (labels.bytes.isEmpty ? "le=\"" : ",le=\"").utf8)
                SampleValue.append(bound, to: &bytes)
                bytes.append(UInt8(ascii: "\""))
            }
            bytes.append(UInt8(ascii: "}"))
        }
        bytes.append(UInt8(ascii: " "))
    }
}
