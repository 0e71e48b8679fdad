// An ES module by its package.json.
export default { handler: async () => 'default export' };
