import Logging
import MarketData

extension ActiveRun {
    /// The shape of a source's records, by their names; see `RunSchemas.shape`. Run's thread only.
    func shape(of source: String, names: [String], rules: SchemaRules, isOpen: Bool, sample: () -> SchemaSample) -> KnownShape {
        let shape = schemas.shape(of: source, names: names, rules: rules, isOpen: isOpen, sample: sample) { decision, isUnknown, warning in
            // What people say about a shape that was known is no drift.
            if isUnknown, !isPreview, !record.isReplay { IngestMetrics.count(decision, of: source) }
            guard let warning else { return }
            environment.logger.warning("\(environment.secrets.redacted(warning))", metadata: ["run_id": "\(runID)", "source": "\(source)"])
        }
        noteUnmapped(shape.decision.unmapped, source: source)
        update { $0.take(schemas.report) }
        return shape
    }

    /// Takes note of a good record's types when they are new to its shape; gives the shape as it is now.
    func note(_ types: FieldTypes, of shape: KnownShape) -> KnownShape {
        let known = schemas.note(types, of: shape)
        update { $0.take(schemas.report) }
        return known
    }
}
