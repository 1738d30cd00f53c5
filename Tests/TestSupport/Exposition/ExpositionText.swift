/// A scrape as Prometheus' text format 0.0.4 says it, taken apart.
package struct ExpositionText: Sendable {
    package struct Label: Sendable, Equatable {
        package var name: String
        /// Without escapes.
        package var value: String
    }

    package struct Sample: Sendable {
        /// Of the line, from 1.
        package var line: Int
        package var name: String
        package var labels: [Label]
        /// As it is written between the braces.
        package var labelText: String
        package var value: Double

        package subscript(label: String) -> String? { labels.first { $0.name == label }?.value }
    }

    package struct Family: Sendable {
        package var name: String
        package var type = ""
        package var help = ""
        package var samples: [Sample] = []
        /// Of its first line, from 1.
        package var line: Int
    }

    /// In the order of the text.
    package internal(set) var families: [Family] = []

    /// The family of that name.
    package subscript(name: String) -> Family? { families.first { $0.name == name } }

    /// The one sample of that name that has these labels and no other ones.
    package func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        for family in families {
            for sample in family.samples where sample.name == name && sample.labels.count == labels.count {
                if sample.labels.allSatisfy({ labels[$0.name] == $0.value }) { return sample.value }
            }
        }
        return nil
    }
}

/// What is wrong with a scrape.
package struct ExpositionFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// From 1; 0: none in particular.
    package var line: Int
    package var message: String

    package var description: String { line > 0 ? "line \(line): \(message)" : message }
}
