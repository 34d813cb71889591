// Derives the table of Kubernetes types that crates/kustomize/src/schema/kubernetes.txt holds from
// the OpenAPI description that kyaml carries: which lists strategic merges join, by which keys, and
// which kinds are cluster-scoped. A line `type` describes a type by its number and name, a line
// `plain` names types of one package that lead to no such list.
//
// Run from the root of the repository:
//
//	go run -C crates/sandbox/tools ../../kustomize/tools/schema/main.go > kubernetes.txt
package main

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"k8s.io/kube-openapi/pkg/validation/spec"
	"sigs.k8s.io/kustomize/kyaml/openapi"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

const definitions = "#/definitions/"

// merging tells whether a list is joined rather than replaced, and by which keys.
func merging(schema *spec.Schema) (keys []string, merges bool) {
	strategy, keys := (&openapi.ResourceSchema{Schema: schema}).PatchStrategyAndKeyList()
	return keys, slices.Contains(strings.Split(strategy, ","), "merge")
}

// fields describes the fields of a type that matter: "name:type" for an object,
// "name[keys]type" for a list that merges.
func fields(schema spec.Schema, matters func(string) bool) []string {
	described := []string{}
	for name, property := range schema.Properties {
		if target, found := strings.CutPrefix(property.Ref.String(), definitions); found {
			if matters(target) {
				described = append(described, name+":"+target)
			}
		} else if keys, merges := merging(&property); merges && property.Items != nil {
			element, _ := strings.CutPrefix(property.Items.Schema.Ref.String(), definitions)
			if !matters(element) {
				element = ""
			}
			described = append(described, name+"["+strings.Join(keys, ",")+"]"+element)
		} else if property.AdditionalProperties != nil && property.AdditionalProperties.Schema != nil {
			if target, found := strings.CutPrefix(property.AdditionalProperties.Schema.Ref.String(), definitions); found && matters(target) {
				panic("a map of types with merging lists: " + name)
			}
		}
	}
	sort.Strings(described)
	return described
}

// relevant returns the types from which a list that merges can be reached.
func relevant(all spec.Definitions) map[string]bool {
	found := map[string]bool{}
	for grown := true; grown; {
		grown = false
		for name, schema := range all {
			if !found[name] && len(fields(schema, func(target string) bool { return found[target] })) > 0 {
				found[name], grown = true, true
			}
		}
	}
	return found
}

func main() {
	// The first look-up loads the built-in description.
	openapi.SchemaForResourceType(yaml.TypeMeta{APIVersion: "v1", Kind: "Pod"})
	all := openapi.Schema().Definitions
	matters := relevant(all)
	names := []string{}
	for name := range all {
		names = append(names, name)
	}
	sort.Strings(names)
	numbers := map[string]string{}
	for _, name := range names {
		if matters[name] {
			numbers[name] = fmt.Sprint(len(numbers))
		}
	}
	fmt.Println("# Made by tools/schema from the OpenAPI description of Kubernetes 1.21.2 in sigs.k8s.io/kustomize/kyaml v0.21.1.")
	kinds := []string{}
	plain := map[string]string{}
	for _, name := range names {
		if matters[name] {
			parts := fields(all[name], func(target string) bool { return matters[target] })
			for i, part := range parts {
				at := strings.LastIndexAny(part, ":]") + 1
				parts[i] = part[:at] + numbers[part[at:]]
			}
			fmt.Printf("type %s %s %s\n", numbers[name], name, strings.Join(parts, " "))
		} else {
			at := strings.LastIndex(name, ".") + 1
			plain[name[:at]] += " " + name[at:]
		}
		described, _ := all[name].Extensions["x-kubernetes-group-version-kind"].([]interface{})
		for _, entry := range described {
			named, _ := entry.(map[string]interface{})
			meta := yaml.TypeMeta{APIVersion: fmt.Sprint(named["version"]), Kind: fmt.Sprint(named["kind"])}
			if group, _ := named["group"].(string); group != "" {
				meta.APIVersion = group + "/" + meta.APIVersion
			}
			kinds = append(kinds, kind(meta, numbers[name]))
		}
	}
	for _, packaged := range slices.Sorted(maps.Keys(plain)) {
		fmt.Printf("plain %s%s\n", packaged, plain[packaged])
	}
	sort.Strings(kinds)
	fmt.Println(strings.Join(slices.Compact(kinds), "\n"))
}

func kind(meta yaml.TypeMeta, number string) string {
	scope := "unknown"
	if namespaced, known := openapi.IsNamespaceScoped(meta); known && namespaced {
		scope = "namespaced"
	} else if known {
		scope = "cluster"
	}
	if number == "" {
		number = "-"
	}
	return fmt.Sprintf("kind %s %s %s %s", meta.APIVersion, meta.Kind, scope, number)
}
