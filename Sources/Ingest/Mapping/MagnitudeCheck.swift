/// Compares a field's first values with what the store holds for the same records' symbols (spec section 4). It only ever lowers.
struct MagnitudeCheck {
    /// Fewer symbols in common prove nothing: one coin may have risen a hundredfold.
    static let fewestSymbols = 3

    private let stored: SchemaMapper.StoredValue
    /// By record, of each symbol the first one; nil where there is no symbol.
    private let symbols: [String?]

    /// - Parameter symbols: the field that gives the symbol; nil when there is none, and then nothing is compared.
    init(symbols field: SampledField?, stored: @escaping SchemaMapper.StoredValue) {
        self.stored = stored
        var seen: Set<String> = []
        symbols = (field?.values.first ?? []).map { value in
            guard let value else { return nil }
            let symbol = String(decoding: value, as: UTF8.self).uppercased()
            return seen.insert(symbol).inserted ? symbol : nil
        }
    }

    /// What speaks against the values, for people; nil when nothing does.
    func doubt(about field: SampledField, as target: TickerField) -> String? {
        let limit: Double
        switch target {
        case .price: limit = 10
        case .volume, .marketCap: limit = 100
        default: return nil
        }
        var ratios: [Double] = []
        for (symbol, value) in zip(symbols, field.values.first) {
            guard let symbol, let value, let digits = NumberCounts.literal(value.span)?.digits else { continue }
            guard let number = Double(String(decoding: digits, as: UTF8.self)), number > 0 else { continue }
            guard let held = stored(symbol, target), held > 0 else { continue }
            ratios.append(number / held)
        }
        guard ratios.count >= Self.fewestSymbols else { return nil }
        ratios.sort()
        let median = ratios[ratios.count / 2]
        guard median > limit || median < 1 / limit else { return nil }
        let factor = median > limit ? "\(Int(min(median, 1e9))) times" : "less than one \(Int(limit))th of"
        return "against: for \(ratios.count) symbols the values are \(factor) what the store has"
    }
}
