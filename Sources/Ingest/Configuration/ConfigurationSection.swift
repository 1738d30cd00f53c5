import MarketData

/// An object of a configuration: what the file says of it, laid over what is built in (RFC 7396: members are merged, null takes one away).
package struct ConfigurationSection {
    /// The objects, that of the file first.
    let layers: [ConfigurationNode]
    let problems: ConfigurationProblems

    package init(layers: [ConfigurationNode], problems: ConfigurationProblems) {
        self.layers = layers
        self.problems = problems
    }

    /// Where messages about what is missing point to.
    var node: ConfigurationNode { layers[0] }

    /// A member that is there and not null.
    package subscript(_ key: String) -> ConfigurationNode? {
        for layer in layers {
            if let member = layer.member(key) { return member.value.isNull ? nil : member }
        }
        return nil
    }

    /// The names of all members that are not null: those that are built in first, each layer in the order of its text.
    package var names: [String] {
        var names: [String] = []
        var seen: Set<String> = []
        for layer in layers.reversed() {
            for (key, _) in layer.value.members {
                if let name = key.string, seen.insert(name).inserted, self[name] != nil { names.append(name) }
            }
        }
        return names
    }

    /// An object inside this one, merged in the same way; nil when it is not there or, which is told unless it has been, no object.
    package func section(_ key: String, isQuiet: Bool = false) -> ConfigurationSection? {
        var found: [ConfigurationNode] = []
        for layer in layers {
            guard let member = layer.member(key) else { continue }
            guard member.value.kind == .object else {
                if found.isEmpty, !member.value.isNull, !isQuiet { problems.add(at: member, "an object is expected: { … }") }
                break
            }
            found.append(member)
        }
        return found.isEmpty ? nil : ConfigurationSection(layers: found, problems: problems)
    }

    /// Tells every member whose name is none of these, nor one that has been told already.
    package func refuseUnknown(_ known: [String], butNot told: Set<String> = []) {
        for layer in layers {
            for (key, value) in layer.value.members {
                guard let name = key.string, !known.contains(name), !told.contains(name) else { continue }
                let node = ConfigurationNode(value: value, text: layer.text, pointer: layer.pointer + "/" + ConfigurationNode.token(name))
                let hint = NearestName.of(name, among: known).map { "did you mean \($0)?" } ?? "known are \(known.joined(separator: ", "))"
                problems.add(at: node, "unknown key; \(hint)")
            }
        }
    }

    // MARK: Values

    func missing(_ message: String) { problems.add(at: node, message) }

    /// A text that is not empty.
    func string(_ key: String, _ what: String = "text in quotes") -> String? {
        guard let node = self[key] else { return nil }
        return problems.string(node, what)
    }

    func flag(_ key: String) -> Bool? {
        guard let node = self[key] else { return nil }
        guard let value = node.value.boolValue else {
            problems.add(at: node, "true or false is expected")
            return nil
        }
        return value
    }

    func integer(_ key: String, _ range: ClosedRange<Int>) -> Int? {
        guard let node = self[key] else { return nil }
        guard let number = node.value.integer.flatMap({ Int(exactly: $0) }), range.contains(number) else {
            problems.add(at: node, "a whole number from \(range.lowerBound) to \(range.upperBound) is expected")
            return nil
        }
        return number
    }

    /// One of a few words.
    func choice<Choice: RawRepresentable & CaseIterable>(_ key: String) -> Choice? where Choice.RawValue == String {
        guard let node = self[key] else { return nil }
        let words = Choice.allCases.map(\.rawValue)
        let text = node.value.string
        if let choice = text.flatMap({ Choice(rawValue: $0) }) { return choice }
        let hint = text.flatMap { NearestName.of($0, among: words) }.map { "; did you mean \($0)?" } ?? ""
        problems.add(at: node, "one of \(words.map { "\"\($0)\"" }.joined(separator: ", ")) is expected\(hint)")
        return nil
    }

    /// An array of texts that are not empty.
    func strings(_ key: String) -> [ConfigurationNode]? {
        guard let node = self[key] else { return nil }
        guard node.value.kind == .array else {
            problems.add(at: node, "an array is expected: [\"…\", \"…\"]")
            return nil
        }
        return node.elements.filter { problems.string($0) != nil }
    }

    /// A length of time in milliseconds.
    func duration(_ key: String, _ range: ClosedRange<Int64>) -> Int64? {
        guard let node = self[key] else { return nil }
        guard let text = node.value.string, let milliseconds = DurationText.milliseconds(text) else {
            problems.add(at: node, "a number with ms, s, m, h or d in quotes is expected, such as \"30s\"")
            return nil
        }
        guard range.contains(milliseconds) else {
            problems.add(at: node, "a time from \(DurationText.text(range.lowerBound)) to \(DurationText.text(range.upperBound)) is expected")
            return nil
        }
        return milliseconds
    }

    /// A number of bytes.
    func bytes(_ key: String, _ range: ClosedRange<Int>) -> Int? {
        guard let node = self[key] else { return nil }
        guard let bytes = node.value.integer.map({ Int($0) }) ?? node.value.string.flatMap({ ByteCountText.bytes($0) }), range.contains(bytes) else {
            problems.add(
                at: node,
                "a number of bytes from \(ByteCountText.text(range.lowerBound)) to \(ByteCountText.text(range.upperBound)) is expected, such as \"64MiB\""
            )
            return nil
        }
        return bytes
    }
}

extension ConfigurationProblems {
    /// A text that is not empty; anything else is told.
    func string(_ node: ConfigurationNode, _ what: String = "text in quotes") -> String? {
        guard let text = node.value.string else {
            add(at: node, "\(what) is expected")
            return nil
        }
        if text.isEmpty {
            add(at: node, "\(what) is expected, and this is empty")
            return nil
        }
        return text
    }

    /// A regular expression that compiles.
    func pattern(_ node: ConfigurationNode) -> String? {
        guard let text = string(node, "a regular expression") else { return nil }
        do throws(TextPattern.Unreadable) {
            _ = try TextPattern(text)
            return text
        } catch {
            let reason = String(error.reason.prefix(120).map { $0.isNewline ? " " : $0 })
            add(at: node, "not a regular expression (\(reason)); in quotes each backslash is written twice")
            return nil
        }
    }
}
